/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

/*
 * A question to the user database, and its answer. These are also the packets between the daemon and its
 * helper.
 */

typedef enum UserQuestionKind {
        USER_ID_OF_NAME,
        GROUP_ID_OF_NAME,
        USER_NAME_OF_ID,
        _USER_QUESTION_KIND_MAX,
} UserQuestionKind;

/*
 * The maximum length of a name in a question or an answer, in bytes. The name of a group in a directory
 * service may contain a domain.
 */
#define USER_NAME_MAX 256

typedef struct UserQuestion {
        uint32_t kind; /* UserQuestionKind */
        uint32_t id;
        char name[USER_NAME_MAX + 1];
} UserQuestion;

typedef struct UserAnswer {
        int32_t result; /* 0; -ESRCH: there is no such entry; another negative errno: the look-up failed */
        uint32_t id;
        char name[USER_NAME_MAX + 1];
} UserAnswer;
