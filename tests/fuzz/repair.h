/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Records of execs that decode, made of any bytes: what the kernel side writes by itself is set right, and what a hostile
 * program has a hand in stays as it is. A record that is right already is not changed.
 */

#include "bpf/record.h"
#include "fuzz.h"

static inline uint32_t repair_length(uint32_t length, size_t *left) {
        length = (uint32_t) (length % (*left + 1));
        *left -= length;
        return length;
}

static inline void repair_text(char *text, size_t size) {
        for (size_t i = 0; i < size; i++)
                if (text[i] == '\0')
                        text[i] = 'x';
}

static inline void repair_components(char *components, size_t size) {
        if (size > 0)
                components[size - 1] = '\0';
}

static inline size_t repair_extras(struct exec_record *head, size_t *left) {
        size_t before = *left;

        head->extras &= EXEC_EXTRA_ANCESTOR | EXEC_EXTRA_FILE;
        if (head->extras & EXEC_EXTRA_ANCESTOR && *left >= sizeof(struct exec_ancestor))
                *left -= sizeof(struct exec_ancestor);
        else
                head->extras &= (__u16) ~EXEC_EXTRA_ANCESTOR;
        if (head->extras & EXEC_EXTRA_FILE && *left >= sizeof(struct exec_file))
                *left -= sizeof(struct exec_file);
        else
                head->extras &= (__u16) ~EXEC_EXTRA_FILE;
        return before - *left;
}

static inline void repair_lengths(struct exec_record *head, size_t *left) {
        int failed = head->kind == EXEC_RECORD_FAILED;
        uint32_t args;

        head->filename_len = (__u16) repair_length(head->filename_len, left);
        head->exe_len = (__u16) repair_length(head->exe_len, left);
        head->cwd_len = (__u16) repair_length(head->cwd_len, left);
        head->tty_len = (__u16) repair_length(head->tty_len, left);
        head->args_head = repair_length(head->args_head, left);
        head->args_tail = failed ? (__u32) *left : repair_length(head->args_tail, left);
        head->env_head = failed ? 0 : (__u32) *left;

        args = head->args_head + head->args_tail;
        if (head->args_total < args)
                head->args_total = args;
        if (!failed && head->env_total < head->env_head)
                head->env_total = head->env_head;
}

/* False: there is no room for the head of a record. */
static inline int repair_record(char *record, size_t size) {
        struct exec_record head;
        size_t left = size - sizeof(head);
        char *p = record + sizeof(head);

        if (size < sizeof(head))
                return 0;
        memcpy(&head, record, sizeof(head));
        head.size = (__u32) size;
        head.abi = EXEC_RECORD_ABI;
        head.kind = head.kind % 2 == 0 ? EXEC_RECORD_FAILED : EXEC_RECORD_EXEC;
        if (head.kind == EXEC_RECORD_EXEC)
                head.error = 0;
        else if (head.error == 0)
                head.error = 2; /* ENOENT */

        p += repair_extras(&head, &left);
        repair_lengths(&head, &left);
        memcpy(record, &head, sizeof(head));
        repair_text(p, head.filename_len);
        p += head.filename_len;
        repair_components(p, head.exe_len);
        p += head.exe_len;
        repair_components(p, head.cwd_len);
        p += head.cwd_len;
        repair_text(p, head.tty_len);
        return 1;
}
