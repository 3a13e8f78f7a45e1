import openapi from "../openapi.json" with { type: "json" };

/** A parameter of a query, as the document of the API has it. */
type Parameter = { name: string; in: string; schema: { enum?: string[] } };
type Path = { get?: { parameters?: (Parameter | { $ref: string })[] } };

/** What is wrong with a parameter, and its name. */
export interface Mistake {
  name: string;
  message: string;
}

/** Returns what is wrong with the names of a question's parameters, and with the words among their values. */
export function mistake(question: string, asked: URLSearchParams): Mistake | undefined {
  const known = parameters(question);
  for (const name of new Set(asked.keys())) {
    const parameter = known.find((known) => known.name === name);
    if (!parameter) {
      const names = known.length > 0 ? `the parameters are ${listed(known.map(({ name }) => name))}` : "there are none";
      return { name, message: `\`${name.slice(0, 40)}\` is not a parameter; ${names}` };
    }
    const [value = "", ...others] = asked.getAll(name);
    if (others.length > 0) return { name, message: `\`${name}\` is given twice` };
    const words = parameter.schema.enum ?? [value];
    if (!words.includes(value)) return { name, message: `\`${name}\` must be one of ${listed(words)}` };
  }
  return undefined;
}

/** The parameters of a question. Those of an unknown one are none: it is refused later. */
function parameters(question: string): Parameter[] {
  const paths = openapi.paths as object as Record<string, Path>;
  const shared = openapi.components.parameters as object as Record<string, Parameter>;
  const { parameters = [] } = paths[`/accounts/{account}/${question}`]?.get ?? {};
  return parameters.map((given) => {
    return "name" in given ? given : (shared[given.$ref.split("/").at(-1) ?? ""] as Parameter);
  });
}

function listed(words: string[]): string {
  return words.map((word) => `\`${word}\``).join(", ");
}
