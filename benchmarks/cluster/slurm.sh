#!/bin/bash
# A campaign as a Slurm array: each task measures one shard on a node of its own, the merge comes last.
#
#     sbatch --array=1-8 benchmarks/cluster/slurm.sh plan.json out
#     sbatch --dependency=singleton --job-name=wynamo benchmarks/cluster/slurm.sh merge 8 out    # when all have ended
#
# All nodes must be of one kind (--constraint): results of different machines are not mixed.
#SBATCH --job-name=wynamo
#SBATCH --exclusive
#SBATCH --cpus-per-task=2
set -eu
cd "${SLURM_SUBMIT_DIR:-.}"
wynamo=${WYNAMO:-npx wynamo}

if [ "$1" = merge ]; then
  parts=()
  for i in $(seq "$2"); do parts+=("$3/part-$i"); done
  exec $wynamo campaign merge -o "$3/all" "${parts[@]}"
fi
exec $wynamo campaign run "$1" -o "$2/part-$SLURM_ARRAY_TASK_ID" --shard="$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"
