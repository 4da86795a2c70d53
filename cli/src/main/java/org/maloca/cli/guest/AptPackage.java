package org.maloca.cli.guest;

/**
 * One version of a Debian package, as the package lists have it.
 *
 * @param depends the Depends field, empty when there is none
 * @param sha256 of the .deb file, in hexadecimal digits
 */
record AptPackage(String name, String version, String depends, String sha256) {}
