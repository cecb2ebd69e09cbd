-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- Tables for the records of exectraced(8), as "exectl export" prints them. "load --create" makes them.
--
-- The tables are MergeTree, not ReplacingMergeTree: with the latter the answers depend on which parts were merged so far. It
-- is the loader that inserts each record once. (host, boot, seq) would be no key for it either: the numbers of a boot begin
-- again when the service is stopped and started, and records of what ran before (flag "running") have none.
--
-- The order by host and time puts values that are equal next to each other, which is what makes them small on the disk.
-- Partitions are weeks (from Monday on), in UTC: what is too old goes by
--     ALTER TABLE exectraced.execs DROP PARTITION '2026-11-23'
--
-- ClickHouse 18.16 has neither codecs of columns nor a TTL; compression.xml makes it compress with zstd. What a newer one
-- can do in addition (none of it was run with these files): LowCardinality(String) for host, exe, unit and the like, CODEC(Delta, ZSTD) for
-- time and seq, and "TTL toDate(time) + INTERVAL 400 DAY".

CREATE DATABASE IF NOT EXISTS exectraced;

-- A number that a record does not have is 0, a text is empty. Exceptions: euid and egid are uid and gid when a record does
-- not have them, pgid and sid are pid, because records only have what differs; loginuid and session are 4294967295 (unset),
-- as in the kernel.
CREATE TABLE IF NOT EXISTS exectraced.execs (
    host String,
    machine_id String,
    boot_id String,
    time DateTime('UTC'),
    usec UInt32,                -- the microseconds of time
    seq UInt64,
    pid UInt32,
    ppid UInt32,
    nspid UInt32,
    pidns UInt32,
    pgid UInt32,
    sid UInt32,
    process String,             -- unique within the boot
    parent String,
    ancestor String,
    uid UInt32,
    gid UInt32,
    euid UInt32,
    egid UInt32,
    loginuid UInt32,
    session UInt32,
    user String,
    login_user String,
    tty String,
    stdin String,
    cwd String,
    comm String,
    parent_comm String,
    filename String,
    exe String,
    build_id String,
    argv Array(String),
    argv_raw String,
    truncated UInt8,
    argv_bytes UInt64,
    flags Array(String),
    tags Array(String),
    unit String,
    user_unit String,
    slice String,
    logind_session String,
    container String,
    cgroup String,
    invocation_id String,
    errno UInt32,
    error String,
    tries UInt32,
    rest String                 -- JSON of all else: labels, environment, and values that are not of their column's type
) ENGINE = MergeTree
PARTITION BY toMonday(time)
ORDER BY (host, time, usec, seq);

-- What the daemon says of itself: started, stopped, lost, suppressed, alive...
CREATE TABLE IF NOT EXISTS exectraced.notices (
    host String,
    machine_id String,
    boot_id String,
    time DateTime('UTC'),
    usec UInt32,
    event String,
    message String,
    rest String                 -- JSON of its other fields: visitParamExtractUInt(rest, 'exec_lost')
) ENGINE = MergeTree
PARTITION BY toMonday(time)
ORDER BY (host, time, usec);
