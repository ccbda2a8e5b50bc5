#!/usr/bin/env bash
# Runs the recipes of docs/cluster.md as they stand there, on a Slurm of this machine alone: an array of which one task is requeued
# while it computes, one is told that its time is nearly over, and two are killed or cancelled and submitted again by themselves; the
# tasks of `srun -n`; GNU parallel. Each has to give the bytes of a plain run.
#
# tests/slurm.sh [PROGRAM]: needs root, Slurm (Debian: slurm-wlm) with munge, and GNU parallel; installs nothing, listens on 127.0.0.1,
# and ends what it started. Takes a minute. Ends with 77 where Slurm does not start.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/debug/snn-ensemble}")
recipes=$PWD/docs/cluster.md
folder=$(mktemp -d)
chmod 755 "$folder"
host=$(hostname -s)
port=$((20000 + $$ % 20000))
begun=$SECONDS

end() {
    status=$?
    trap - EXIT
    trap '' INT TERM
    [ $status = 0 ] || tail -n 5 "$folder"/log/slurm*.log "$folder"/jobs/slurm-*.out >&2 || true
    scancel --full --signal=KILL --user=root 2>/dev/null || true
    for daemon in slurmd slurmctld munged; do
        process=$(cat "$folder/$daemon.pid" 2>/dev/null) || continue
        kill "$process" 2>/dev/null || continue
        for _ in {1..50}; do
            kill -0 "$process" 2>/dev/null || continue 2
            sleep 0.1
        done
        kill -KILL "$process" 2>/dev/null || true
    done
    rm -rf "$folder"
    exit $status
}
trap end EXIT
trap 'exit 130' INT TERM
tell() { echo "$((SECONDS - begun)) s: $*"; }
fail() {
    echo "tests/slurm.sh: $*" >&2
    exit 1
}
# Waits up to a minute until a command succeeds.
await() {
    for _ in {1..300}; do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.2
    done
    fail "waited in vain: $*"
}
[ "$(id -u)" = 0 ] || fail "needs root"

mkdir -p "$folder"/{state,spool,log,jobs,bin}
head -c 1024 /dev/urandom >"$folder/munge.key"
chmod 400 "$folder/munge.key"
cat >"$folder/slurm.conf" <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
KillWait=5
MinJobAge=600
NodeName=$host NodeAddr=127.0.0.1 CPUs=8 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF=$folder/slurm.conf
no_slurm() {
    echo "tests/slurm.sh: Slurm does not start here: $*" >&2
    exit 77
}
munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
    --log-file="$folder/log/munged.log" --seed-file="$folder/munged.seed" || no_slurm munged
slurmctld || no_slurm slurmctld
(await scontrol ping) || no_slurm slurmctld is silent
slurmd || no_slurm slurmd
(await bash -c "sinfo --noheader --format=%t | grep -q idle") || no_slurm "the node is not idle"
tell "$(sinfo --version), $(munged --version | head -1 | cut -d' ' -f1), $("$program" -V)"

# What a recipe says, from the fenced block of its name.
recipe() { awk -v head="\`\`\`bash $1" '$0 == head { on = 1; next } /^```/ { on = 0 } on' "$recipes" | grep . || fail "no recipe $1"; }
# The program; tasks 1 to 4 of an array halt once when they have a first member, so that they can be met while they compute.
cat >"$folder/bin/snn-ensemble" <<END
#!/usr/bin/env bash
task=\${SLURM_ARRAY_TASK_ID:-none}
case \$task in [1-4])
    if ! [ -e held\$task ]; then
        echo \$\$ >held\$task
        length() { stat --format=%s part\$task/members.log; }
        (until [ -s part\$task/config.yaml ]; do sleep 0.005; done
        empty=\$(length)
        until [ "\$(length)" -gt "\$empty" ]; do sleep 0.005; done
        kill -STOP \$\$) &
    fi
esac
exec "$program" "\$@"
END
chmod +x "$folder/bin/snn-ensemble"
export PATH=$folder/bin:$PATH
time='{dt: 0.1, duration: 200, discard: 50}'
sed "s/^name: .*/name: scan/; s/^time: .*/time: $time/" configs/quickstart.yaml >"$folder/jobs/scan.yaml"
cd "$folder/jobs"
printf 'scan: [{path: projections.E<-I.p, linspace: [0.7, 0.9, 3]}]\n' >>scan.yaml
for name in scan.sbatch tasks.sbatch; do recipe $name >$name; done
snn-ensemble run scan.yaml --backend cpu --quiet --out plain
tell "a plain run: $(($(wc -l <plain/points.csv) - 1)) points"

same() {
    for file in members.log members.parquet points.csv points.parquet densities.parquet config.yaml; do
        cmp "plain/$file" "$1/$file" || fail "$1/$file differs from that of the plain run"
    done
    tell "$1: the bytes of the plain run"
}
state() { scontrol show job "$1" --oneliner | grep -o 'JobState=[A-Z]*' | head -1 | cut -d= -f2; }
is() { [ "$(state "$1")" = "$2" ]; }
# A requeued task waits for two minutes, unless it is told not to, and once more when its first go has ended.
goes_on() {
    [[ $(scontrol show job "$1" --oneliner) != *"JobState=PENDING Reason=BeginTime"* ]] ||
        scontrol update jobid="$1" starttime=now
    is "$1" COMPLETED
}
halts() { grep -q "^State:.*stopped" "/proc/$(cat "held$1")/status"; }

array=$(sbatch --parsable scan.sbatch)
await halts 1
scontrol requeue "${array}_1"
tell "task 1 is requeued while it computes"
await halts 2
kill -KILL "$(cat held2)"
await is "${array}_2" FAILED
tell "task 2 is killed while it computes"
await halts 3
scancel --signal=TERM "${array}_3"
kill -CONT "$(cat held3)"
tell "task 3 is told that its time is nearly over"
await halts 4
scancel "${array}_4"
tell "task 4 is cancelled"
for task in 1 3 5 6 7 8; do await goes_on "${array}_$task"; done
is "${array}_4" CANCELLED || fail "task 4 came back"
for task in 1 3 4; do
    grep -q "^interrupted; what was finished is in" "slurm-${array}_$task.out" || fail "task $task was not interrupted"
done
tell "all others are done, tasks 1 and 3 in two goes"
! snn-ensemble merge scan part* 2>refused || fail "parts were joined without parts 2 and 4"
tell "$(cat refused)"
again=$(sbatch --parsable --array=2,4 scan.sbatch)
await is "${again}_2" COMPLETED
await is "${again}_4" COMPLETED
tell "tasks 2 and 4, submitted again by themselves, are done"
snn-ensemble merge scan part* >/dev/null
same scan

job=$(sbatch --parsable tasks.sbatch)
await is "$job" COMPLETED
same joined
if command -v parallel >/dev/null; then
    recipe parallel.sh >parallel.sh
    bash -e parallel.sh >slurm-parallel.out 2>&1
    tell "$(parallel --version | head -1)"
    same together
else
    echo "tests/slurm.sh: GNU parallel is missing, its recipe was not run" >&2
fi
