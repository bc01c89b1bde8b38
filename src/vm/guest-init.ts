/** The first program of the built-in guest: a script for its busybox. It runs inside the VM only, never on the host. */

/** Commands that the script, and a person at the console, finds in /bin. */
export const guestCommands = [
  "base64", "cat", "date", "dd", "df", "dmesg", "echo", "free", "head", "hostname", "httpd", "insmod", "ip", "kill", "ls",
  "mkdir", "mkfifo", "mount", "nc", "poweroff", "ps", "reboot", "rm", "setsid", "sh", "sleep", "stty", "sync", "tail", "tr",
  "umount", "uname", "uptime",
] as const;

/**
 * The guest contract: `blixard-guest: ready …` when it is up, a tick line every ten seconds, power-off on the power
 * button (SIGTERM from the reader of the button's events) and on ctrl-alt-del (SIGINT from the kernel). Kernel words
 * `blixard.test=…` make it misbehave for tests.
 */
export const guestInit = `#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1
for module in $(cat /lib/modules/order); do insmod /lib/modules/$module.ko 2>/dev/null; done

ignore=0; silent=0; poweroff_after=; panic_after=
for word in $(cat /proc/cmdline); do
  case "$word" in
    blixard.name=*) hostname "\${word#*=}" ;;
    blixard.ip=*) address=\${word#*=} ;;
    blixard.gateway=*) gateway=\${word#*=} ;;
    blixard.test=ignore-stop) ignore=1 ;;
    blixard.test=never-ready) silent=1 ;;
    blixard.test=poweroff-after:*) poweroff_after=\${word#*:} ;;
    blixard.test=panic-after:*) panic_after=\${word#*:} ;;
  esac
done

ip link set lo up
if [ -e /sys/class/net/eth0 ]; then
  ip link set eth0 up
  [ -n "\${address:-}" ] && ip addr add "$address" dev eth0
  [ -n "\${gateway:-}" ] && ip route add default via "$gateway"
fi

down() {
  if [ $ignore = 1 ]; then echo "blixard-guest: ignores $1"; return; fi
  echo "blixard-guest: shutdown by $1"; sync; poweroff -f
}
echo 0 > /proc/sys/kernel/ctrl-alt-del
trap 'down SIGINT' INT
trap 'down SIGTERM' TERM
for input in /sys/class/input/input*; do
  [ "$(cat $input/name 2>/dev/null)" = "Power Button" ] || continue
  for event in $input/event*; do
    ( dd if=/dev/input/\${event##*/} of=/dev/null bs=24 count=1 2>/dev/null && kill -TERM 1 ) &
  done
done

# Commands from outside, over a virtio port; the lines are described in guest-agent.ts of the host.
send() {
  while chunk=$(dd bs=2048 count=1 2>/dev/null | base64 | tr -d '\\n'); [ -n "$chunk" ]; do echo "$1 $2 $chunk" >&3; done
}
# Stdin of a command: the loop below hands on each piece through a queue, and never waits for the command.
feed() {
  exec 4<>$2/q 5>$2/i
  echo "$1 a" >&3
  while read -r piece <&4; do
    [ "$piece" = . ] && return
    echo "$piece" | base64 -d >&5 || return
    echo "$1 a" >&3
  done
}
run() {
  id=$1; shift; left=$#; dir=/tmp/exec.$id
  mkdir -p $dir; mkfifo $dir/o $dir/e
  while [ $left -gt 0 ]; do
    word=$(echo "\${1#.}" | base64 -d; echo x); shift
    set -- "$@" "\${word%x}"; left=$((left - 1))
  done
  send $id o < $dir/o & out=$!
  send $id e < $dir/e & err=$!
  stdin=/dev/null; feeder=
  if [ -n "$piped" ]; then mkfifo $dir/q $dir/i; stdin=$dir/i; feed $id $dir & feeder=$!; fi
  setsid "$@" <$stdin >$dir/o 2>$dir/e 3>&- & command=$!
  echo $command > $dir/pid
  wait $command; code=$?
  [ -n "$feeder" ] && kill $feeder 2>/dev/null
  wait $out $err
  echo "$id x $code" >&3; rm -rf $dir
}
agent() {
  exec 3<>"/dev/$1"
  while :; do
    if read -r id verb words <&3; then
      case "$verb" in
        hello) echo "$id hello" >&3 ;;
        run) ( trap - INT TERM; piped=; run $id $words ) & ;;
        pipe) ( trap - INT TERM; piped=1; run $id $words ) & ;;
        i) [ -p /tmp/exec.$id/q ] && echo "$words" 2>/dev/null 1<>/tmp/exec.$id/q ;;
        z) [ -p /tmp/exec.$id/q ] && echo . 2>/dev/null 1<>/tmp/exec.$id/q ;;
        kill) kill -9 -- "-$(cat /tmp/exec.$id/pid 2>/dev/null)" 2>/dev/null ;;
      esac
    else sleep 1; fi # no daemon is connected
  done
}
for port in /sys/class/virtio-ports/*; do
  [ "$(cat $port/name 2>/dev/null)" = blixard.agent.0 ] && agent \${port##*/} &
done

disk=none; [ -e /sys/block/vda/size ] && disk=$(cat /sys/block/vda/size)
read up rest < /proc/uptime
memory=$(free | { read heading; read label total used rest; echo "\${used}kB/\${total}kB"; })
[ $silent = 1 ] || echo "blixard-guest: ready uptime=$up host=$(hostname) kernel=$(uname -r) memory=$memory disk=$disk"

# A shell for whoever types at the console; until somebody does, it stays quiet.
( trap - INT TERM
while read -r line </dev/ttyS0; do setsid -c sh </dev/ttyS0 >/dev/ttyS0 2>&1; done ) &

seconds=0
while :; do
  [ "$seconds" = "$poweroff_after" ] && poweroff -f
  [ "$seconds" = "$panic_after" ] && exit 1
  sleep 1 & wait $!
  seconds=$((seconds + 1))
  [ $((seconds % 10)) = 0 ] && echo "blixard-guest: tick $seconds"
done
`;
