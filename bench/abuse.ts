/**
 * Attacks on the server, each bounded, with the limits in force and without the limits that a setting turns off. Exits
 * with 1 if an attack does more than it may.
 *
 * npm run bench:abuse -- [cost] [reconnect] [office] [mute] [room] [eclipse] [tokens] [ids] [honest]
 */
const ATTACKS = ["cost", "reconnect", "office", "mute", "room", "eclipse", "tokens", "ids", "honest"];

const wanted = process.argv.length > 2 ? process.argv.slice(2) : ATTACKS;
for (const name of wanted) {
	if (!ATTACKS.includes(name)) throw new Error(`There is no attack ${name}. There are ${ATTACKS.join(", ")}.`);
	console.log(`\n${name}\n`);
	const { run } = (await import(`./abuse/${name}.ts`)) as { run: () => Promise<void> };
	await run();
}
