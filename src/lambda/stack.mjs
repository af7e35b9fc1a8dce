// What differs from stack to stack. trailbell packs a file of this name with the values in it: in the environment of a
// function everybody would see them, and Lambda would need a key to read them. This one is for tests.

/**
 * The stack's event bus, the source of its events, a bot's channel, the role of this function, and names of accounts by id; where
 * destinations have names, these with their channels, and where messages about log lines go by the name of the filter, for all
 * accounts and for some; what the URLs of its queues begin with.
 */
export const stack = () => {
  const { TRAILBELL_BUS: bus, TRAILBELL_SOURCE: source, TRAILBELL_CHANNEL: channel, TRAILBELL_ROLE: role } = process.env;
  const given = (name) => (process.env[name] === undefined ? undefined : JSON.parse(process.env[name]));
  const [destinations, routes, groups] = ["DESTINATIONS", "ROUTES", "GROUPS"].map((name) => given(`TRAILBELL_${name}`));
  const queues = process.env.TRAILBELL_QUEUES;
  return { bus, source, channel, role, accounts: given("TRAILBELL_ACCOUNTS") ?? {}, destinations, routes, groups, queues };
};
