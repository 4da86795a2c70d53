/** The JVM that Maloca runs on, where that matters: its compilers. */
@org.jspecify.annotations.NullMarked
package org.maloca.core.jvm;
