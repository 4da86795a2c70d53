/** {@code maloca disk}: making, looking at, changing and converting disk images. */
@org.jspecify.annotations.NullMarked
package org.maloca.cli.disk;
