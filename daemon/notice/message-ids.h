/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The MESSAGE_ID= of each kind of record. config/exectraced.catalog has their explanations for journalctl -x.
 */
#define MESSAGE_ID_EXEC "92246f01e5b249e095ef09fd9efb9c3f"
#define MESSAGE_ID_FAILED_EXEC "7d4a4c79d245460682ecdc57ae7e8f19"
#define MESSAGE_ID_RUNNING "cd7937dac5a54390afc2c294c76d3715"
#define MESSAGE_ID_STARTED "7c8101c11ac742d2a2b1feeae42bc2dd"
#define MESSAGE_ID_STOPPED "ae37d750a62446c6ac12f4ae7cd627a8"
#define MESSAGE_ID_LOST "b8de5cb82f314e84b0fe736f8297a93d"
#define MESSAGE_ID_SUPPRESSED "8ef69b1c08d0424eb528a26588344e89"
#define MESSAGE_ID_RELOADED "3a22856d48594f768f8fca8cb756b548"
#define MESSAGE_ID_RELOAD_FAILED "d261d13e943d47228bcdbc9dbf4161d1"
#define MESSAGE_ID_ALIVE "f17f0342eff6489ca11d37fd6d3cca25"
#define MESSAGE_ID_BLIND "e3743328d41a40beab4301a14af0afe5"
#define MESSAGE_ID_KERNEL_LOG "7609152b8a8743d59a17bbacd2cf3910"
