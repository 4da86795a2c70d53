/** The translator: hot guest code becomes JVM methods that HotSpot compiles. */
@org.jspecify.annotations.NullMarked
package org.maloca.x86.translate;
