/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Why a POSIX extended regular expression is not to be used, though regcomp(3) may take it; NULL: it may be. To be asked
 * before regcomp(3), which gives itself to any of them: it makes copies of what is repeated, so that a few nested
 * repetitions take all memory or hours; it calls itself for each group, until the stack ends; and it may walk each way
 * through what matches the empty text, of which there are twice as many for each "()?" in "(()?()?()?)*".
 */
#define PATTERN_COST_MAX \
        4096U /* characters, sets, groups and operators, each as often as it is to be repeated */
#define PATTERN_DEPTH_MAX 250U /* groups and repetitions in each other */
#define PATTERN_WEIGHT_MAX 256U /* of what can be passed with nothing read, one behind the other */
const char *pattern_refuse(const char *pattern);
