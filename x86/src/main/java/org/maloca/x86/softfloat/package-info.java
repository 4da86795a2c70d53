/**
 * Exact x86 floating point: SSE scalars in {@link org.maloca.x86.softfloat.Float32} and {@link
 * org.maloca.x86.softfloat.Float64}, the x87 format in {@link org.maloca.x86.softfloat.Float80} and
 * its neighbours, all controlled by and reporting into a {@link org.maloca.x86.softfloat.FloatEnv}.
 * Nothing allocates. Operands are unpacked into one form, computed with 128-bit intermediates and
 * rounded in one place.
 */
@NullMarked
package org.maloca.x86.softfloat;

import org.jspecify.annotations.NullMarked;
