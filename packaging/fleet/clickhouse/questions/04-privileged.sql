-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- What gained privileges, asked for them, or ran as another user than the one who had logged in, by login? As: exectl privileged
--     ask 04 since='2026-11-27 00:00:00'
SELECT loginuid, host, reason, exe, uid, euid, count() AS execs, max(time) AS last
FROM
(
    SELECT loginuid, host, exe, uid, euid, time,
        arrayStringConcat(arrayFilter(x -> x != '', arrayConcat(
            arrayFilter(f -> f IN ('setuid', 'setgid', 'filecaps'), flags),
            [if((euid != uid OR egid != gid) AND NOT (has(flags, 'setuid') OR has(flags, 'setgid') OR has(flags, 'filecaps')),
                 'effective', ''),
             if(loginuid != 4294967295 AND loginuid != uid, 'other-user', ''),
             if(match(exe, '(^|/)(sudo|su|pkexec|doas|run0|systemd-run|runuser|newgrp|sg)$'), 'asks', '')])), ',') AS reason
    FROM exectraced.execs
    WHERE time >= {since:DateTime('UTC')} AND (notEmpty(flags) OR euid != uid OR egid != gid
        OR (loginuid != 4294967295 AND loginuid != uid)
        OR exe LIKE '%sudo' OR exe LIKE '%su' OR exe LIKE '%pkexec' OR exe LIKE '%doas' OR exe LIKE '%run0' OR exe LIKE '%systemd-run'
        OR exe LIKE '%runuser' OR exe LIKE '%newgrp' OR exe LIKE '%sg')
)
WHERE reason != ''
GROUP BY loginuid, host, reason, exe, uid, euid
ORDER BY loginuid, execs DESC, host, reason, exe, uid, euid
