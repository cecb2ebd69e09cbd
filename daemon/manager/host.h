/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "notice/notice.h"

/* Gets the name of this host, and the ids of the machine and of the boot. What can't be read is empty. */
void host_read(NoticeHost *ret);
