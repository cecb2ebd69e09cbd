/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "event/event.h"
#include "format/options.h"
#include "notice/notice.h"

/*
 * Writes the record in every format that there is, reads each back by a reader of its own, and compares: with
 * the record, and with each other. A difference fails an assertion.
 */
void check_formats(const FormatOptions *options, const Event *event);
void check_notice_formats(const FormatOptions *options, const Notice *notice);
