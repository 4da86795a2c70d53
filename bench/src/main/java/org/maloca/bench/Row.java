package org.maloca.bench;

/** A piece of work whose time is compared. */
record Row(Group group, String name) {}
