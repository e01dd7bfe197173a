/** Imports of the guests in test/cli/guests that need some. */
export default { env: { throws() {} } };
