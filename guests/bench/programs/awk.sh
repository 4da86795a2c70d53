# Counts words and adds columns: associative arrays, fields, string functions.
# packages: mawk
# text: 20
mawk '
  {
    sum[$1] += $2
    for (i = 3; i <= NF; i++) {
      count[$i]++
      length_of[length($i)]++
    }
    if (match($0, /[aeiou][^aeiou ]+[aeiou]/)) found[substr($0, RSTART, RLENGTH)]++
  }
  END {
    for (word in sum) total += sum[word]
    for (word in count) words++
    for (part in found) parts++
    for (i = 1; i < 30; i++) printf "%d %d\n", i, length_of[i]
    print NR, total, words, parts
  }' /data/text
