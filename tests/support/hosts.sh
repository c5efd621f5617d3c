#!/bin/sh
# Several "hosts" on this machine, for tests of MPI: network namespaces on a bridge, each with a host name of its own.
# Needs root. The names begin with $HOSTS_NAME (4 letters at most).
#   hosts.sh up N [RATE]   makes them; with a rate such as 100mbit, as fast as that and no faster
#   hosts.sh down          removes them
#   hosts.sh run HOST ..   runs a command on a host: what launchers use in place of ssh
set -e
name=${HOSTS_NAME:-mfh}
case $1 in
up)
    ip netns add "${name}s"
    ip -n "${name}s" link add bridge type bridge
    ip -n "${name}s" link set bridge up
    for n in $(seq 1 "$2"); do
        host=$name$n
        ip netns add "$host"
        ip link add eth0 netns "$host" type veth peer name "to$n" netns "${name}s"
        ip -n "${name}s" link set "to$n" master bridge up
        ip -n "$host" addr add "10.97.0.$n/24" dev eth0
        ip -n "$host" link set eth0 up
        ip -n "$host" link set lo up
        if [ -n "$3" ]; then
            tc -n "$host" qdisc add dev eth0 root tbf rate "$3" burst 64kb latency 200ms
        fi
    done
    ;;
down)
    for space in $(ip netns list | cut -d' ' -f1 | grep "^$name[0-9s]"); do ip netns del "$space"; done
    ;;
run)
    shift
    # Flags of ssh.
    while [ "${1#-}" != "$1" ]; do shift; done
    host=$1
    shift
    case $host in 10.97.0.*) host=$name${host##*.} ;; esac
    exec ip netns exec "$host" unshare -u sh -c "hostname $host; $*"
    ;;
esac
