# A script of arithmetic, string operations, patterns and functions; few processes are started.
# packages: dash
collatz() {
  n=$1
  steps=0
  while [ "$n" -ne 1 ]; do
    if [ $((n % 2)) -eq 0 ]; then n=$((n / 2)); else n=$((3 * n + 1)); fi
    steps=$((steps + 1))
  done
}

classify() {
  case $1 in
    *[13579]7) kind=seven ;;
    *00 | *25 | *50) kind=round ;;
    [1-3]*) kind=low ;;
    *) kind=other ;;
  esac
}

total=0
word=
i=1
while [ "$i" -le 2200 ]; do
  collatz "$i"
  classify "$i"
  total=$((total + steps))
  word=${word#"${word%????????????????????}"}$kind
  i=$((i + 1))
done
echo "$total $word"

i=0
while [ "$i" -lt 60 ]; do
  text=$(echo "line $i" | while read -r first second; do echo "$second-$first"; done)
  echo "$text"
  i=$((i + 1))
done
