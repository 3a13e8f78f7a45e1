#!/usr/bin/env bash
# Tests a wheel for another processor: `emulate.sh aarch64 WHEEL`. QEMU runs Debian's Python for that
# processor, which stays in target/emulated. Needs Debian and its package qemu-user.
set -euo pipefail
processor=$1 wheel=$(realpath "$2")
cd "$(dirname "$0")"
root=$(realpath -m "../target/emulated/$processor")
case $processor in
  aarch64) architecture=arm64 ;;
  x86_64) architecture=amd64 ;;
esac

if [ ! -e "$root/python" ]; then
  mkdir -p "$root"/apt/{lists,cache/archives}/partial
  options=(
    --quiet --quiet
    -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" -o APT::Sandbox::User=root
    -o Dir::State::Lists="$root/apt/lists" -o Dir::State::Status=/dev/null -o Dir::Cache="$root/apt/cache"
  )
  apt-get "${options[@]}" update
  apt-get "${options[@]}" install --yes --download-only --no-install-recommends python3-minimal libpython3-stdlib
  mkdir -p "$root"/usr/{bin,lib}
  ln -sf usr/lib "$root/lib"
  for package in "$root"/apt/cache/archives/*.deb; do dpkg-deb --extract "$package" "$root"; done
  ln -s usr/bin/python3 "$root/python"
fi

export PYTHONPATH=$root/packages PYTHONDONTWRITEBYTECODE=1
python=("qemu-$processor" -L "$root" "$root/python" -P)
rm -rf "$root/packages"
# pip runs here, for the Python there. All but the wheel is of Python alone.
version=$("${python[@]}" -c 'import sys; print(*sys.version_info[:2], sep="")')
grep -E '^(pytest|tqdm)==' requirements-dev.txt > "$root/requirements.txt"
PYTHONPATH='' ../.venv/bin/pip install --quiet --target "$root/packages" --only-binary :all: --python-version "$version" \
  --implementation cp --abi abi3 --abi none --platform "manylinux_2_17_$processor" "$wheel" --requirement "$root/requirements.txt"
"${python[@]}" -m pytest --quiet tests/test_fold.py tests/test_read.py tests/test_vectors.py

# A fold has the same saved bytes there and here. In this folder, `agentfold` is the installed package.
cd examples
digest='import agentfold, hashlib; fold = agentfold.Fold(); fold.read("day.ndjson.gz"); print(hashlib.sha256(fold.save()).hexdigest())'
there=$("${python[@]}" -c "$digest")
here=$(PYTHONPATH='' ../../.venv/bin/python -c "$digest")
echo "saved on $processor: $there"
[ "$there" = "$here" ] || { echo "saved here: $here" >&2; exit 1; }
