/** What the software CPU tells the JVM's Flight Recorder. */
@org.jspecify.annotations.NullMarked
package org.maloca.x86.jfr;
