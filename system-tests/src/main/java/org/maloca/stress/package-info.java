/** Long runs that look for what goes wrong once in a million times, or after an hour. */
@org.jspecify.annotations.NullMarked
package org.maloca.stress;
