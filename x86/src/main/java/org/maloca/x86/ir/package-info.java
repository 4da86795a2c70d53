/** The intermediate representation: guest instructions freed of their encoding. */
@org.jspecify.annotations.NullMarked
package org.maloca.x86.ir;
