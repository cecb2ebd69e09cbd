/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Records of execs that decode, made of any bytes: what the kernel side writes by itself is set right, and
 * what a hostile program has a hand in stays as it is. A record that is right already is not changed.
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

/*
 * The sizes of the parts that stand before the strings, in the order of their bits, and of those that stand
 * last.
 */
static const __u8 part_sizes[] = { 8, 4, 8, 8, 8, 4, 4, 12, 12, 20, 8 };
#define PART_LAST_SIZE sizeof(struct exec_lengths)

/* Leaves out the parts for which there is no room; returns how many bytes those before the strings take. */
static inline size_t repair_parts(struct exec_record *head, size_t *left) {
        size_t before = 0;

        head->parts &= (__u16) ((EXEC_PART_SAME_EXE << 1) - 1);
        if (head->kind == EXEC_RECORD_FAILED)
                head->parts |= EXEC_PART_FAILED;
        else
                head->parts &= (__u16) ~EXEC_PART_FAILED;
        if (head->kind == EXEC_RECORD_FAILED)
                *left -= 8;
        for (unsigned i = 0; i < sizeof(part_sizes); i++) {
                const __u16 bit = (__u16) (1U << i);

                if (!(head->parts & bit) || bit == EXEC_PART_FAILED)
                        continue;
                if (*left < part_sizes[i]) {
                        head->parts &= (__u16) ~bit;
                        continue;
                }
                *left -= part_sizes[i];
                before += part_sizes[i];
        }
        for (__u16 bit = EXEC_PART_ENV; bit <= EXEC_PART_CUT; bit <<= 1)
                if (head->parts & bit && *left >= PART_LAST_SIZE)
                        *left -= PART_LAST_SIZE;
                else
                        head->parts &= (__u16) ~bit;
        return before + (head->kind == EXEC_RECORD_FAILED ? 8 : 0);
}

static inline void repair_lengths(struct exec_record *head, size_t *left) {
        head->comm_len = (__u8) repair_length(head->comm_len % EXEC_COMM_SIZE, left);
        head->parent_comm_len = (__u8) repair_length(head->parent_comm_len % EXEC_COMM_SIZE, left);
        head->tty_len = (__u8) repair_length(head->tty_len % EXEC_TTY_SIZE, left);
        head->filename_len = (__u16) repair_length(head->filename_len, left);
        if (head->filename_len == 0)
                head->parts &= (__u16) ~EXEC_PART_SAME_EXE;
        head->exe_len = head->parts & EXEC_PART_SAME_EXE ? 0 : (__u16) repair_length(head->exe_len, left);
        head->cwd_len = (__u16) repair_length(head->cwd_len, left);
        head->args_len = head->parts & EXEC_PART_ENV ? repair_length(head->args_len, left)
                                                     : repair_length((__u32) *left, left);
}

/* Sets the parts that stand last right, of which the environment has `left` bytes. */
static inline void repair_last(const struct exec_record *head, char *record, size_t size, size_t left) {
        struct exec_lengths lengths;
        char *end = record + size;

        if (head->parts & EXEC_PART_CUT) {
                end -= sizeof(lengths);
                memcpy(&lengths, end, sizeof(lengths));
                lengths.head %= head->args_len + 1;
                if (lengths.total <= head->args_len)
                        lengths.total = 0;
                memcpy(end, &lengths, sizeof(lengths));
        }
        if (head->parts & EXEC_PART_ENV) {
                end -= sizeof(lengths);
                memcpy(&lengths, end, sizeof(lengths));
                lengths.head = (__u32) (head->args_len <= left ? left - head->args_len : 0);
                if (lengths.total < lengths.head)
                        lengths.total = lengths.head;
                memcpy(end, &lengths, sizeof(lengths));
        }
}

/* False: there is no room for the head of a record. */
static inline int repair_record(char *record, size_t size) {
        struct exec_record head;
        size_t left = size - sizeof(head);
        char *p = record + sizeof(head);
        __u32 error;

        if (size < sizeof(head) + sizeof(struct exec_failure))
                return 0;
        memcpy(&head, record, sizeof(head));
        head.abi = EXEC_RECORD_ABI;
        head.kind = head.kind % 2 == 0 ? EXEC_RECORD_FAILED : EXEC_RECORD_EXEC;
        head.standard_input %= EXEC_STDIN_COUNT;

        p += repair_parts(&head, &left);
        if (head.kind == EXEC_RECORD_FAILED) {
                memcpy(&error, p - sizeof(error), sizeof(error));
                error = error == 0 ? 2 : error; /* ENOENT */
                memcpy(p - sizeof(error), &error, sizeof(error));
        }
        repair_lengths(&head, &left);
        repair_last(&head, record, size, left + head.args_len);
        memcpy(record, &head, sizeof(head));
        repair_text(p, (size_t) head.comm_len + head.parent_comm_len + head.tty_len + head.filename_len);
        p += head.comm_len + head.parent_comm_len + head.tty_len + head.filename_len;
        repair_components(p, head.exe_len);
        p += head.exe_len;
        repair_components(p, head.cwd_len);
        return 1;
}
