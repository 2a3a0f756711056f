#!/bin/sh
# Set up a checkout: Debian packages (as root or with sudo; otherwise name them) and the virtual environment.
# Usage: packaging/setup.sh PYTHON VENV
set -eu
python=$1
venv=$2
here=$(dirname "$0")

wanted=$(sed -e 's/#.*//' "$here/debian-packages.txt")
missing=""
if command -v dpkg-query >/dev/null 2>&1; then
    for package in $wanted; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
fi
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ]; then
        root=""
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        root="sudo"
    else
        root="none"
    fi
    if [ "$root" = none ]; then
        echo "These Debian packages are missing; text recognition or the window may not work until you install them:" >&2
        echo "    sudo apt-get install$missing" >&2
    else
        echo "Installing Debian packages:$missing"
        $root apt-get update -qq
        # shellcheck disable=SC2086
        $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    fi
fi

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Lens Desktop needs Python 3.11 or newer; $python is older. Try: make PYTHON=python3.11 run" >&2
    exit 1
}
if [ ! -x "$venv/bin/python" ]; then
    "$python" -m venv "$venv" || {
        echo "A virtual environment could not be made: sudo apt-get install python3-venv" >&2
        exit 1
    }
fi
echo "Installing Python packages into $venv (about 6 GB with the CUDA libraries of torch; a few minutes)"
"$venv/bin/python" -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[dev,serve]"
