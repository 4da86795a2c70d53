# Searches by fixed strings, by alternatives, without regard to case, and by back-references.
# packages: grep
# text: 4
grep -c 'firufo' /data/text
grep -c -E '(xo|tila|mufi|rebu).*(ko|ve)$' /data/text
grep -c -i 'DemaBo.*Ti' /data/text
grep -c -E '([a-z][aeiou])\1[a-z]* .*([a-z][aeiou])\2' /data/text
grep -o -w -E '[a-z]*(zu|fi)[a-z]*' /data/text | grep -c -v 'a'
grep -v -E '^[^ ]+ [0-9]*[13579] ' /data/text | grep -c 'vemose$'
