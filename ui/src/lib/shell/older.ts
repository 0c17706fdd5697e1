/** What web views before WebKitGTK 2.44 (and the tests on Node 20) lack and a library needs. */
interface Resolvers {
  promise: Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

const promise = Promise as unknown as { withResolvers?: () => Resolvers };

promise.withResolvers ??= () => {
  const made = {} as Resolvers;
  made.promise = new Promise((resolve, reject) => {
    made.resolve = resolve;
    made.reject = reject;
  });
  return made;
};
