/** What all kinds of disk have in common, whatever controller they hang on. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.disk;
