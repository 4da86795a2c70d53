/** Measurements that people start by {@code ./dev bench}. */
@org.jspecify.annotations.NullMarked
package org.maloca.bench;
