/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

/*
 * What the user database is asked, and what it says: also the two packets between the daemon and its helper.
 */

typedef enum UserQuestionKind {
        USER_ID_OF_NAME,
        GROUP_ID_OF_NAME,
        USER_NAME_OF_ID,
        _USER_QUESTION_KIND_MAX,
} UserQuestionKind;

/*
 * The longest name that is asked for or answered, in bytes; that of a directory's group may have a domain in
 * it.
 */
#define USER_NAME_MAX 256

typedef struct UserQuestion {
        uint32_t kind; /* UserQuestionKind */
        uint32_t id;
        char name[USER_NAME_MAX + 1];
} UserQuestion;

typedef struct UserAnswer {
        int32_t result; /* 0; -ESRCH: there is none; another negative errno: nobody can say */
        uint32_t id;
        char name[USER_NAME_MAX + 1];
} UserAnswer;
