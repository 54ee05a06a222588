#!/bin/sh
# Renews the vendored front-end files named in assets.txt.
#
#   renew.sh            fetch every package, compare the sums, put the files in place
#   renew.sh --update   the same, but write the sums found into assets.txt
#                       (after a version in it was changed; read the diff before you commit)
#   renew.sh --check    fetch nothing; only compare the files in the tree with the list
#
# Nothing in the tree changes unless every sum is right. Icons are stripped on
# the way (one line, no class, no size); their sum is that of the stripped file.
# Needs npm, tar, sed, awk and sha256sum or shasum. Not needed to build or run.
set -eu

mode=${1-}
case $mode in
'' | --update | --check) ;;
*)
	sed -n '2,/^set -eu/s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac

root=$(cd "$(dirname "$0")/../.." && pwd)
list=$root/tools/assets/assets.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

sum() {
	if command -v sha256sum >/dev/null 2>&1; then
		sha256sum "$1" | cut -d ' ' -f 1
	else
		shasum -a 256 "$1" | cut -d ' ' -f 1
	fi
}

# strip takes what an inlined icon does not need out of a Tabler SVG.
strip() {
	tr '\n\t' '  ' <"$1" | sed \
		-e 's/<!--.*-->//' \
		-e 's/ class="[^"]*"//' \
		-e 's/ width="24" *height="24"//' \
		-e 's/<path stroke="none" d="M0 0h24v24H0z" fill="none" *\/>//' \
		-e 's/   */ /g' -e 's/> *</></g' -e 's/ *\/>/\/>/g' -e 's/ *> *$/>/' -e 's/" *>/">/g'
	echo
}

# unpack fetches package $1 in version $2 once and prints where it lies.
unpack() {
	dir=$work/pkg/$(echo "$1-$2" | tr '/@' '__')
	if [ ! -d "$dir" ]; then
		mkdir -p "$dir" "$work/tgz"
		echo "fetch $1@$2" >&2
		tgz=$(cd "$work/tgz" && npm pack --silent "$1@$2" | tail -n 1)
		tar -xzf "$work/tgz/$tgz" -C "$dir" --strip-components=1
	fi
	echo "$dir"
}

rows=$work/rows
grep -v -e '^#' -e '^ *$' "$list" >"$rows"
: >"$work/sums"
bad=0

while read -r pkg ver file target want licence; do
	[ -n "$licence" ] || { echo "assets.txt: six columns needed: $pkg $file" >&2; exit 2; }
	if [ "$mode" = --check ]; then
		staged=$root/$target
		[ -f "$staged" ] || { echo "missing  $target" >&2; bad=1; continue; }
	else
		dir=$(unpack "$pkg" "$ver" </dev/null)
		staged=$work/stage/$target
		mkdir -p "$(dirname "$staged")"
		case $target in
		*/icons/*.svg) strip "$dir/$file" >"$staged" ;;
		*) cp "$dir/$file" "$staged" ;;
		esac
	fi
	got=$(sum "$staged")
	echo "$target $got" >>"$work/sums"
	if [ "$got" != "$want" ] && [ "$mode" != --update ]; then
		echo "differs  $target: want $want, got $got" >&2
		bad=1
	fi
done <"$rows"

[ "$bad" = 0 ] || { echo "nothing was changed" >&2; exit 1; }

if [ "$mode" = --update ]; then
	awk 'NR == FNR { sum[$1] = $2; next }
		/^#/ || !NF { print; next }
		{ $5 = sum[$4]; print }' "$work/sums" "$list" >"$work/list"
	cat "$work/list" >"$list"
fi
if [ "$mode" != --check ]; then
	(cd "$work/stage" && tar -cf - .) | (cd "$root" && tar -xof -)
fi
echo "$(wc -l <"$rows" | tr -d ' ') files as listed"
