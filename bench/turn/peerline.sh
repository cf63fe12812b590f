#!/bin/sh
# Starts our relay on loopback, pinned to core 0, with what coturn.sh gives coturn, and prints its pid.
#   PORT=3479 peerline.sh [options of RelayMain...]         (build first: mvn -q -pl net,turn-relay -DskipTests package)
root=$(cd "$(dirname "$0")/../.." && pwd)
java=${JAVA:-${JAVA_HOME:+$JAVA_HOME/bin/}java}
taskset -c "${CORE:-0}" "$java" -XX:+UseSerialGC -Xmn8m -Xmx256m -XX:TieredStopAtLevel="${TIER:-4}" \
  --enable-native-access=ALL-UNNAMED -cp "${CP:-$root/net/target/classes:$root/turn-relay/target/classes}" \
  dev.peerline.turn.RelayMain --port "${PORT:-3479}" --user user:pass --allow-peer 127.0.0.0/8 --loops 1 \
  --max-allocations 0 --max-allocations-per-user 0 --relay-ports 20000-32000 "$@" >"${LOG:-/dev/null}" 2>&1 &
echo $!
