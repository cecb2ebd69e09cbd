/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * How crowd knows that its program was executed: with this variable target ends with a status that
 * nothing else gives.
 */
#define COUNTED_ORDER "TARGET=counted"
#define COUNTED_STATUS 23
