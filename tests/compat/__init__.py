"""The compatibility report: which rows of the checklist of a drop-in successor of KubeFed hold, and what shows it."""
