// What the driver's shells run: POSIX sh, util-linux and coreutils. An agent is a shell that reads one command a line and
// answers between two NULs: `NUMBER ok|no|lost`, the call that failed, and text. Ahead of it comes what the shell complained
// of and what programs said. Knows no operation.

const SPEAK = `
NL='
'
say() { printf '\\0%s %s\\n%s\\n%s\\0' "$1" "$2" "$3" "$4"; }
`;

/**
 * An agent does what it can by itself, so that the kernel sees its own pid and no other task comes and goes in its cgroup.
 * Where the shell does not say the errno of a builtin that failed, a program tries again: a failed call has no effect.
 */
export const AGENT: string = `${SPEAK}
# NUMBER FILE: it could not be opened; shells say the same of ENOENT and ENOTDIR
lost() {
  p=$2
  if [ ! -e "$p" ]; then
    p=\${p%/*}
    while [ -n "$p" ] && [ ! -e "$p" ]; do p=\${p%/*}; done
  fi
  if [ -d "$p/" ]; then say "$1" lost open ': No such file or directory'; else say "$1" lost open ': Not a directory'; fi
}
# NUMBER FILE
look() {
  t= l= o=
  { o=1; while IFS= read -r l; do t=$t$l$NL; done; t=$t$l; } <"$2"
  if [ -n "$t" ]; then say "$1" ok '' "$t"
  elif [ -z "$o" ]; then lost "$@"
  elif cat "$2" >/dev/null </dev/null; then say "$1" ok
  else say "$1" no read
  fi
}
# NUMBER FILE DATA, and for the program DATA AGAIN: a write of 0 must not move the program
put() {
  o=
  if [ ! -e "$2" ]; then { :; } <"$2"; lost "$1" "$2"
  elif { o=1; printf %b "$3"; } >>"$2"; then say "$1" ok
  elif [ -n "$o" ] || [ -w "$2" ]; then give "$1" "$2" "$4" ,notrunc
  else lost "$1" "$2"
  fi
}
# NUMBER FILE DATA CONVERSIONS
give() {
  if printf %b "$3" | dd of="$2" bs=65536 iflag=fullblock conv=nocreat$4 status=none; then say "$1" ok; else say "$1" no write; fi
}
# NUMBER UMASK CALL COMMAND...
try() {
  n=$1 c=$3
  umask "$2"
  shift 3
  if "$@" </dev/null; then say "$n" ok; else say "$n" no "$c"; fi
}
# NUMBER PREFIX...: can a child go through it?
may() { n=$1; shift; if "$@" true </dev/null; then say "$n" ok; else say "$n" no; fi; }
# NUMBER PREFIX...: the shell itself goes through it if a child can
become() {
  n=$1
  shift
  if "$@" true </dev/null; then exec "$@" sh -c "$AGENT" sh "$n"; fi
  say "$n" no
}
# NUMBER: the shell runs itself again
again() { exec sh -c "$AGENT" sh "$1"; }
# NUMBER PIPE PREFIX...: the child answers
bear() {
  n=$1 p=$2; shift 2
  "$@" sh -c "$AGENT" sh "$n" <"$p" &
}
# NUMBER LAST: the next process gets the pid behind LAST
number() { if echo "$2" >/proc/sys/kernel/ns_last_pid; then say "$1" ok; else say "$1" no; fi; }
# NUMBER PID
bury() { kill -9 "$2"; wait "$2"; say "$1" ok; }
exec 2>&1
[ -z "$1" ] || say "$1" ok '' "$$"
shift $#
while IFS= read -r line; do eval "$line"; done
`;

/** The controller comes up in a pid and mount namespace of its own: SCRATCH and the roots of the hierarchies are given. */
export const CONTROLLER: string = `${SPEAK}
exec 2>/dev/null
read -r host rest </proc/self/stat
cd /
umask 022
mount -t proc proc /proc && mount -t tmpfs -o mode=777 none "$1" || { say 0 no mount; exit; }
shift
for top do echo 0 >"$top/cgroup.procs" || { say 0 no move; exit; }; done
say 0 ok '' "$host"
exec sh -c "$AGENT" sh ''
`;

/**
 * Lives outside, ends everything when its input ends, however that came about, and removes what was made: $BASE in the
 * hierarchies given, and the folder $FOLDER with its pipes.
 */
export const WARDEN: string = `
unshare --pid --fork --mount --propagation private --kill-child sh -c "$CONTROLLER" sh "$FOLDER/mnt" "$@" <"$FOLDER/$FIRST" &
cat >/dev/null
kill -9 $!
thaw() {
  [ ! -e "$1/freezer.state" ] || echo THAWED >"$1/freezer.state"
  [ ! -e "$1/cgroup.freeze" ] || echo 0 >"$1/cgroup.freeze"
}
sweep() {
  thaw "$1"
  for d in "$1"/*/ "$1"/.[!.]*/ "$1"/..?*/; do [ ! -d "$d" ] || sweep "\${d%/}"; done
  rmdir "$1"
}
tries=0
left=1
while [ $left -ne 0 ] && [ $tries -lt 500 ]; do
  left=0
  for top do sweep "$top/$BASE"; [ ! -d "$top/$BASE" ] || left=1; done
  tries=$((tries + 1))
  [ $left -eq 0 ] || sleep 0.01
done
rm -f "$FOLDER"/$NAME.*
rmdir "$FOLDER/mnt" "$FOLDER"
exit $left
`;
