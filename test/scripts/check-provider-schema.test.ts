import { describe, expect, it } from "vitest";
import { check, parseBlocks } from "../../scripts/check-provider-schema.mjs";

/** Declarations as the generator writes them, of a resource with two arguments, a block and an attribute. */
const DECLARATIONS = `
export interface ThingConfig extends cdktf.TerraformMetaArguments {
    /**
    * Docs at Terraform Registry: {@link https://example.com/thing#name Thing#name}
    */
    readonly name?: string;
    /**
    * Docs at Terraform Registry: {@link https://example.com/thing#tags Thing#tags}
    */
    readonly tags?: {
        [key: string]: string;
    };
    /**
    * logging_config block
    *
    * Docs at Terraform Registry: {@link https://example.com/thing#logging_config Thing#logging_config}
    */
    readonly loggingConfig?: ThingLoggingConfig;
}
export interface ThingLoggingConfig {
    /**
    * Docs at Terraform Registry: {@link https://example.com/thing#log_group Thing#log_group}
    */
    readonly logGroup?: string;
}
export declare class Thing extends cdktf.TerraformResource {
    get name(): string;
    get codeSha256(): string;
}
`;

const checkThing = (source: string, old: string[] = []) =>
	check(new Map([["main.tf", source]]), (folder) => (folder === "thing" ? DECLARATIONS : undefined), new Set(old));

describe("the check of the provider's schema", () => {
	it("takes arguments, blocks and attributes that the schema knows", () => {
		const { problems, checked } = checkThing(`
# resource "aws_other" "commented" { name = 1 }
resource "aws_thing" "a" {
  for_each = toset(["x"])
  name     = "\${each.key}-{" # a brace in a text
  tags     = {
    any = "key"
  }
  logging_config {
    log_group = <<-EOT
      unknown_argument = { "
    EOT
  }
  lifecycle {
    create_before_destroy = true
  }
}
output "hash" {
  value = aws_thing.a["x"].code_sha256
}
`);

		expect(problems).toEqual([]);
		expect(checked).toBeGreaterThan(5);
	});

	it("names an argument, a nested block and an attribute that the schema lacks", () => {
		const { problems } = checkThing(`
resource "aws_thing" "a" {
  size = 1
  logging_config {
    level = "info"
  }
  dynamic "extra" {
    for_each = []
    content {
      name = ""
    }
  }
}
output "size" { value = aws_thing.a.size_in_bytes }
`);

		expect(problems).toEqual([
			"main.tf: aws_thing.a.size is unknown",
			"main.tf: aws_thing.a.extra is unknown",
			"main.tf: aws_thing.a.logging_config.level is unknown",
			"main.tf: aws_thing.a.size_in_bytes is unknown",
		]);
	});

	it("names a resource that the schema lacks", () => {
		expect(checkThing('data "aws_thing" "a" {}').problems).toEqual(["main.tf: data.aws_thing is unknown"]);
	});

	it("names a deprecated argument", () => {
		const { problems } = checkThing('resource "aws_thing" "a" {\n  name = ""\n}', ["aws_thing.name"]);

		expect(problems).toEqual(["main.tf: aws_thing.name is deprecated"]);
	});

	it("reads nested blocks and expressions of several lines", () => {
		const [block] = parseBlocks(`
resource "aws_thing" "a" {
  name = join("", [
    for part in ["\${upper("a")}"] : part
  ])
  logging_config { log_group = var.group }
}`);

		expect(block).toMatchObject({ labels: ["aws_thing", "a"], args: ["name"], blocks: [{ args: ["log_group"] }] });
	});
});
