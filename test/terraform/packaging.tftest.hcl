# The source of the function's code. The build itself is not run here: the first run only plans it, and the second
# applies fixtures/lambda.zip, an index.mjs that does nothing.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

run "builds_the_bundle_when_none_is_handed_in" {
  command = plan

  assert {
    condition     = length(terraform_data.bundle) == 1 && aws_lambda_function.signaling_server.filename == "./dist/lambda.zip"
    error_message = "The function's code is ${aws_lambda_function.signaling_server.filename}."
  }

  # A value that is not known yet fails the run, so this also says that the plan needs nothing built.
  assert {
    condition     = aws_lambda_function.signaling_server.source_code_hash == local.sources_hash
    error_message = "The hash of the sources is to decide whether to redeploy."
  }

  assert {
    condition = length(setsubtract(
      setunion(fileset(".", "{lambda,protocol}/**/*.ts"), ["tsconfig.json", "lambda/core/tsconfig.json", "scripts/build.mjs"]),
      local.source_files,
    )) == 0
    error_message = "Hashed are ${join(", ", local.source_files)}."
  }

  # modules/signaling is this folder without its provider: a file that is forgotten there is missing for other roots.
  assert {
    condition = (
      local.root == "." &&
      setsubtract(fileset(".", "*.tf"), fileset("modules/signaling", "*.tf")) == toset(["providers.tf"]) &&
      alltrue([for file in setintersection(fileset(".", "*.tf"), fileset("modules/signaling", "*.tf")) : file(file) == file("modules/signaling/${file}")])
    )
    error_message = "modules/signaling holds ${join(", ", fileset("modules/signaling", "*.tf"))}."
  }

  # A package for development does not shape the bundle, and one that ships does.
  assert {
    condition = (
      anytrue([for line in local.source_lines : startswith(line, "node_modules/jose ")]) &&
      anytrue([for line in local.source_lines : startswith(line, "node_modules/esbuild ")]) &&
      !anytrue([for line in local.source_lines : can(regex("^node_modules/(vitest|ws|tsx) ", line))])
    )
    error_message = "Hashed are ${join(", ", local.source_lines)}."
  }
}

run "takes_a_ready_made_package" {
  variables {
    lambda_package_path = "test/terraform/fixtures/lambda.zip"
  }

  assert {
    condition = (
      length(terraform_data.bundle) == 0 &&
      aws_lambda_function.signaling_server.filename == "test/terraform/fixtures/lambda.zip" &&
      aws_lambda_function.signaling_server.source_code_hash == filebase64sha256("test/terraform/fixtures/lambda.zip")
    )
    error_message = "The package that was handed in is to be the function's code, with nothing built."
  }
}

# The state of the run above: that function runs the code of the fixture.
run "refuses_another_deployment_in_the_same_state" {
  command = plan

  variables {
    lambda_package_path = "test/terraform/fixtures/lambda.zip"
    stage               = "staging"
    aws_region          = "eu-central-1"
  }

  expect_failures = [terraform_data.deployment]
}

run "rejects_a_package_that_does_not_exist" {
  command = plan

  variables {
    lambda_package_path = "dist/no-such.zip"
  }

  expect_failures = [aws_lambda_function.signaling_server]
}
