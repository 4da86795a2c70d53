/** Rules for what machines may reach beyond their network. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.egress;
