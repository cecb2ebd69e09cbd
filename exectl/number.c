/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "number.h"

bool number_read(Bytes text, uint64_t *ret) {
        uint64_t value = 0;

        if (text.size == 0)
                return false;
        for (size_t i = 0; i < text.size; i++)
                if (text.data[i] < '0' || text.data[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
                        __builtin_add_overflow(value, (uint64_t) (text.data[i] - '0'), &value))
                        return false;
        *ret = value;
        return true;
}
