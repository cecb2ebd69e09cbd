/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "event/parts.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* The rest of a record, of which parts were taken off the front and the end. */
typedef struct Rest {
        const char *data;
        size_t size;
} Rest;

static bool take(Rest *rest, void *ret, size_t size) {
        if (size > rest->size)
                return false;
        memcpy(ret, rest->data, size);
        rest->data += size;
        rest->size -= size;
        return true;
}

static bool take_last(Rest *rest, void *ret, size_t size) {
        if (size > rest->size)
                return false;
        rest->size -= size;
        memcpy(ret, rest->data + rest->size, size);
        return true;
}

static bool take_text(Rest *rest, size_t size, Bytes *ret) {
        if (size > rest->size)
                return false;
        *ret = (Bytes){ .data = rest->data, .size = size };
        rest->data += size;
        rest->size -= size;
        return true;
}

/* Returns 0 when the head has this ABI and is consistent, or -EBADMSG. */
static int check_head(const struct exec_record *head) {
        if (head->abi != EXEC_RECORD_ABI)
                return -EBADMSG;
        if (head->kind != EXEC_RECORD_EXEC && head->kind != EXEC_RECORD_FAILED &&
                head->kind != EXEC_RECORD_RUNNING)
                return -EBADMSG;
        if ((head->kind == EXEC_RECORD_FAILED) != !!(head->parts & EXEC_PART_FAILED))
                return -EBADMSG;
        if (head->parts & ~((EXEC_PART_SAME_EXE << 1) - 1U))
                return -EBADMSG;
        if (head->standard_input >= EXEC_STDIN_COUNT)
                return -EBADMSG;
        if ((head->parts & EXEC_PART_SAME_EXE) && (head->exe_len > 0 || head->filename_len == 0))
                return -EBADMSG;
        return 0;
}

/*
 * Takes the optional parts, which are in the order of their bits. Returns false when the record is too short.
 */
static bool take_parts(Rest *rest, Parts *parts) {
        const unsigned has = parts->head.parts;
        uint32_t upper;

        if ((has & EXEC_PART_START) && !take(rest, &parts->ids.start_ns, sizeof(parts->ids.start_ns)))
                return false;
        if (has & EXEC_PART_CGROUP) {
                if (!take(rest, &upper, sizeof(upper)))
                        return false;
                parts->ids.cgroup_id |= (uint64_t) upper << 32;
        }
        if ((has & EXEC_PART_EFFECTIVE) &&
                !(take(rest, &parts->ids.euid, sizeof(parts->ids.euid)) &&
                        take(rest, &parts->ids.egid, sizeof(parts->ids.egid))))
                return false;
        if ((has & EXEC_PART_LOGIN) &&
                !(take(rest, &parts->ids.loginuid, sizeof(parts->ids.loginuid)) &&
                        take(rest, &parts->ids.sessionid, sizeof(parts->ids.sessionid))))
                return false;
        if ((has & EXEC_PART_PIDNS) &&
                !(take(rest, &parts->ids.ns_tgid, sizeof(parts->ids.ns_tgid)) &&
                        take(rest, &parts->ids.pidns, sizeof(parts->ids.pidns))))
                return false;
        if ((has & EXEC_PART_PGID) && !take(rest, &parts->ids.pgid, sizeof(parts->ids.pgid)))
                return false;
        if ((has & EXEC_PART_SID) && !take(rest, &parts->ids.sid, sizeof(parts->ids.sid)))
                return false;
        if ((has & EXEC_PART_MAKER) && !take(rest, &parts->maker, sizeof(parts->maker)))
                return false;
        if ((has & EXEC_PART_ANCESTOR) && !take(rest, &parts->ancestor, sizeof(parts->ancestor)))
                return false;
        if ((has & EXEC_PART_FILE) && !take(rest, &parts->file, sizeof(parts->file)))
                return false;
        return !(has & EXEC_PART_FAILED) || take(rest, &parts->failure, sizeof(parts->failure));
}

static bool take_texts(Rest *rest, Parts *parts) {
        const struct exec_record *head = &parts->head;
        size_t args_head = head->args_len;

        if (head->parts & EXEC_PART_CUT)
                args_head = parts->cut.head;
        return args_head <= head->args_len && take_text(rest, head->comm_len, &parts->texts.comm) &&
                take_text(rest, head->parent_comm_len, &parts->texts.parent_comm) &&
                take_text(rest, head->tty_len, &parts->texts.tty) &&
                take_text(rest, head->filename_len, &parts->texts.filename) &&
                take_text(rest, head->exe_len, &parts->texts.exe) &&
                take_text(rest, head->cwd_len, &parts->texts.cwd) &&
                take_text(rest, args_head, &parts->texts.args_head) &&
                take_text(rest, head->args_len - args_head, &parts->texts.args_tail) &&
                take_text(rest, parts->env.head, &parts->texts.environment) && rest->size == 0;
}

static bool holds_nul(Bytes bytes) {
        return bytes.size > 0 && memchr(bytes.data, '\0', bytes.size);
}

static bool ends_with_nul(Bytes bytes) {
        return bytes.size == 0 || bytes.data[bytes.size - 1] == '\0';
}

static int check(const Parts *parts) {
        const struct exec_record *head = &parts->head;

        if (holds_nul(parts->texts.comm) || holds_nul(parts->texts.parent_comm) ||
                holds_nul(parts->texts.tty) || holds_nul(parts->texts.filename))
                return -EBADMSG;
        if (!ends_with_nul(parts->texts.exe) || !ends_with_nul(parts->texts.cwd))
                return -EBADMSG;
        if (parts->env.head > parts->env.total)
                return -EBADMSG;
        if ((head->parts & EXEC_PART_CUT) && parts->cut.total != 0 && parts->cut.total <= head->args_len)
                return -EBADMSG;
        if ((head->kind == EXEC_RECORD_FAILED) != (parts->failure.error != 0))
                return -EBADMSG;
        return 0;
}

int parts_find(const void *data, size_t size, Parts *ret) {
        Rest rest = { .data = data, .size = size };
        Parts parts = {};
        int r;

        if (!take(&rest, &parts.head, sizeof(parts.head)))
                return -EBADMSG;
        r = check_head(&parts.head);
        if (r < 0)
                return r;
        parts.ids.start_ns = parts.head.time_ns - parts.head.age_ns;
        parts.ids.cgroup_id = parts.head.cgroup_id;
        parts.ids.euid = parts.head.uid;
        parts.ids.egid = parts.head.gid;
        parts.ids.loginuid = parts.ids.sessionid = EXEC_ID_UNSET;
        parts.ids.pgid = parts.ids.sid = parts.head.tgid;

        if ((parts.head.parts & EXEC_PART_CUT) && !take_last(&rest, &parts.cut, sizeof(parts.cut)))
                return -EBADMSG;
        if ((parts.head.parts & EXEC_PART_ENV) && !take_last(&rest, &parts.env, sizeof(parts.env)))
                return -EBADMSG;
        if (!take_parts(&rest, &parts) || !take_texts(&rest, &parts))
                return -EBADMSG;
        r = check(&parts);
        if (r < 0)
                return r;
        *ret = parts;
        return 0;
}
