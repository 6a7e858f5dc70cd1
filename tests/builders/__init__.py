"""Ways to say what a test is about. Each word returns a new value; nothing here asserts, waits or talks to anybody."""
