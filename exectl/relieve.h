/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Releases the memory of the journal files that sd-journal has mapped and read, which is up to half a
 * gigabyte. They stay mapped and in the page cache, so they can be read again.
 */
void relieve_journal_memory(void);
