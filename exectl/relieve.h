/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Gives back the memory of journal files that were mapped and read: sd-journal keeps up to half a gigabyte of
 * them. They stay mapped, and in the page cache, so that what is read again is there again.
 */
void relieve_journal_memory(void);
