#!/bin/bash
# A campaign over several equal machines by GNU parallel: one shard a machine, then the merge.
#
#     benchmarks/cluster/parallel.sh plan.json out node1,node2,node3
#
# The checkout must be at the same path on all of them. Never two shards on one machine: they would disturb each other.
set -eu
plan=$1 out=$2 hosts=$3
wynamo=${WYNAMO:-npx wynamo}
n=$(tr ',' '\n' <<<"$hosts" | wc -l)

seq "$n" | parallel --sshlogin "$hosts" --jobs 1 --wd "$PWD" --line-buffer --return "$out/part-{}/campaign.json" \
  --return "$out/part-{}/raw.jsonl" "$wynamo campaign run $plan -o $out/part-{} --shard={}/$n"
parts=()
for i in $(seq "$n"); do parts+=("$out/part-$i"); done
exec $wynamo campaign merge -o "$out/all" "${parts[@]}"
