#!/bin/sh
# Open the window; without a screen, answer a sample question in the terminal.
set -eu
cd "$(dirname "$0")/.."
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || [ "$(uname)" != Linux ]; then
    exec .venv/bin/python main.py "$@"
fi
sample=resources/samples/1-party.png
question="What is in the picture?"
echo "There is no screen here, so this is a sample question in the terminal: $sample"
echo "> $question"
exec .venv/bin/python main.py ask "$sample" "$question"
