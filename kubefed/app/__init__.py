"""The composition root: options and configuration become one running process. No rules of any feature live here."""
